/// A setting that cannot be used: one sentence for whoever starts the program. It names the
/// setting, and never holds a secret.
public struct SettingMistake: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
