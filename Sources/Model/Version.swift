/// The version of all five programs, which are built and installed together; see CHANGELOG.md.
public let multiresVersion = "0.1.0"
