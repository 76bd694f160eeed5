import Administration
import ArgumentParser

/// What is done only when somebody asks for it, since it gives something up.
struct Consent: ParsableArguments {
    @Flag(
        help: """
            Begin with an empty catalog: the old one and all images are moved to recovered/ in \
            the data folder, from where "multires images recover" takes originals.
            """)
    var newCatalog = false

    @Flag(
        help: """
            Make new secrets where secrets.env is missing: everyone must sign in again, and \
            links that were given out stop working.
            """)
    var newSecrets = false

    @Flag(
        help: "Start although originals/ is missing or empty: sizes that exist are served.")
    var acceptLostOriginals = false

    var answers: DataFolder.Consent {
        var answers: DataFolder.Consent = []
        if newCatalog { answers.insert(.newCatalog) }
        if newSecrets { answers.insert(.newSecrets) }
        if acceptLostOriginals { answers.insert(.lostOriginals) }
        return answers
    }
}
