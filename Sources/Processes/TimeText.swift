import Glibc

extension String {
    /// strftime(3) of a time whose text has fewer bytes than `capacity`; empty for a longer one.
    public init(_ time: tm, as format: String, capacity: Int = 32) {
        var time = time
        self.init(unsafeUninitializedCapacity: capacity) { text in
            // glibc 2.41 (Debian 13) declares that there is an address, 2.36 (Debian 12) does not.
            guard let start = text.baseAddress else { return 0 }
            return strftime(start, capacity, format, &time)
        }
    }
}
