import Administration
import ArgumentParser

/// Options for actions that discard data or secrets, and therefore happen only on request. `init`, `serve`
/// and `deploy shared-hosting` have them, because these three prepare the data folder (`DataFolder.prepare`).
struct DataLossOptions: ParsableArguments {
    @Flag(
        help: """
            Start with an empty catalog. The old catalog and all images are moved to recovered/ in \
            the data folder; "multires images recover" imports originals from there.
            """)
    var newCatalog = false

    @Flag(
        help: """
            Make new secrets if secrets.env is missing. Everyone must sign in again, and existing \
            links stop working.
            """)
    var newSecrets = false

    @Flag(
        help: "Start even if originals/ is missing or empty. Existing sizes are still served.")
    var acceptLostOriginals = false

    var answers: DataFolder.DataLossOptions {
        var answers: DataFolder.DataLossOptions = []
        if newCatalog { answers.insert(.newCatalog) }
        if newSecrets { answers.insert(.newSecrets) }
        if acceptLostOriginals { answers.insert(.lostOriginals) }
        return answers
    }
}
