import Glibc

extension String {
    /// strftime(3). The text must have fewer bytes than `capacity`; a longer one becomes empty.
    public init(_ time: tm, as format: String, capacity: Int = 32) {
        var time = time
        self.init(unsafeUninitializedCapacity: capacity) { text in
            // glibc 2.41 (Debian 13) declares the parameter as not null, 2.36 (Debian 12) does not.
            guard let start = text.baseAddress else { return 0 }
            return strftime(start, capacity, format, &time)
        }
    }
}
