import Foundation
import Model

/// The image of 16 x 16 pixels that `FormatProbe` writes and reads: the left half is red, the right one
/// blue. There is a file for each format that may have a decoder but no encoder.
enum SampleImage {
    static let side = 16
    static let size = PixelSize(width: side, height: side)
    static let left: [UInt8] = [200, 60, 40]
    static let right: [UInt8] = [40, 80, 200]

    /// Red, green and blue of each pixel, row by row.
    static var pixels: [UInt8] {
        (0..<side * side).flatMap { $0 % side < side / 2 ? left : right }
    }

    /// Made by libheif 1.15.1 with x265.
    static let heic = bytes(
        """
        AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAa1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAA
        AAAAAAAAAAAAAA5waXRtAAAAAAACAAAAEGlkYXQAAAAAABAAEAAAADhpbG9jAQAAAERAAAIAAQAAAAAAAAHRAAEA
        AAAAAAAAQAACAAEAAAAAAAAAAQAAAAAAAAAIAAAAOGlpbmYAAAAAAAIAAAAVaW5mZQIAAAEAAQAAaHZjMQAAAAAV
        aW5mZQIAAAAAAgAAZ3JpZAAAAADYaXBycAAAALZpcGNvAAAAdmh2Y0MBA3AAAAAAAAAAAAAe8AD8/fj4AAAPAyAA
        AQAYQAEMAf//A3AAAAMAkAAAAwAAAwAeugJAIQABACpCAQEDcAAAAwCQAAADAAADAB6gIIEFluqumubgQEDAgAAA
        AwCAAAADAIQiAAEABkQBwXPBiQAAABRpc3BlAAAAAAAAAEAAAABAAAAAFGlzcGUAAAAAAAAAEAAAABAAAAAQcGl4
        aQAAAAADCAgIAAAAGmlwbWEAAAAAAAAAAgABAoECAAICA4QAAAAaaXJlZgAAAAAAAAAOZGltZwACAAEAAQAAAEht
        ZGF0AAAAPCgBrxMheoNA5TVT+6NejAFUZM9dPqw77L7bitgrbRvpmspON46A8q0cZE5kUPCF45hD98+4oKSu8O5y
        lg==
        """)

    /// Made by libheif 1.15.1 with libaom.
    static let avif = bytes(
        """
        AAAAHGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZgAAAOptZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAA
        AAAAAAAAAAAAAA5waXRtAAAAAAABAAAAImlsb2MAAAAAREAAAQABAAAAAAEOAAEAAAAAAAAANQAAACNpaW5mAAAA
        AAABAAAAFWluZmUCAAAAAAEAAGF2MDEAAAAAamlwcnAAAABLaXBjbwAAABNjb2xybmNseAACAAIABoAAAAAMYXYx
        Q4EADAAAAAAUaXNwZQAAAAAAAAAQAAAAEAAAABBwaXhpAAAAAAMICAgAAAAXaXBtYQAAAAAAAAABAAEEgYIDhAAA
        AD1tZGF0EgAKCRgM/9ggQEDQgDImFkAGGGGEADlfum5GHvb8HMCPQ6XVRCgOOcHl17MoDy84EvITuqA=
        """)

    private static func bytes(_ base64: String) -> [UInt8] {
        Array(Data(base64Encoded: base64, options: .ignoreUnknownCharacters) ?? Data())
    }
}
