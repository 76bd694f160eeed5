import CSQLite
import Foundation

/// Finds names that contain a text, regardless of case and of how accents are encoded.
enum NameSearch {
    /// `name_contains(name, sought)`, where `sought` is `folded`. Names are stored in NFC.
    static let function = "name_contains"

    static func folded(_ text: String) -> String {
        text.precomposedStringWithCanonicalMapping.lowercased()
    }

    /// Reads the values with SQLite's C interface: most names are ASCII, and making a String of each takes
    /// several times as long as comparing its bytes.
    static func register(_ handle: OpaquePointer) -> Bool {
        let options = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS
        return sqlite3_create_function_v2(
            handle, function, 2, options, nil,
            { context, _, values in
                let isFound = NameSearch.contains(
                    NameSearch.text(values?[0]), NameSearch.text(values?[1]))
                sqlite3_result_int(context, isFound ? 1 : 0)
            }, nil, nil, nil) == SQLITE_OK
    }

    private static func text(_ value: OpaquePointer?) -> UnsafeBufferPointer<UInt8> {
        // The text before its length: a conversion to UTF-8 may change the length
        // (sqlite.org/c3ref/value_blob.html).
        let start = sqlite3_value_text(value)
        return UnsafeBufferPointer(start: start, count: Int(sqlite3_value_bytes(value)))
    }

    static func contains(
        _ name: UnsafeBufferPointer<UInt8>, _ sought: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        guard name.allSatisfy({ $0 < 0x80 }) else {
            var folded = folded(String(decoding: name, as: UTF8.self))
            return folded.withUTF8 { isFound(sought, in: $0) { $0 } }
        }
        return isFound(sought, in: name) { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    }

    @inline(__always)
    private static func isFound(
        _ sought: UnsafeBufferPointer<UInt8>, in name: UnsafeBufferPointer<UInt8>,
        _ folded: (UInt8) -> UInt8
    ) -> Bool {
        guard let first = sought.first else { return true }
        var start = 0
        while name.count - start >= sought.count {
            if folded(name[start]) == first {
                var place = 1
                while place < sought.count, folded(name[start + place]) == sought[place] {
                    place += 1
                }
                if place == sought.count { return true }
            }
            start += 1
        }
        return false
    }
}
