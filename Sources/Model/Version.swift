/// Of all five programs, which are built and moved together; see CHANGELOG.md.
public let multiresVersion = "0.1.0"
