import Processes
import Text

/// Prometheus' text format, version 0.0.4.
public struct Exposition {
    public private(set) var text = ""

    public init() {}

    /// A value that is measured at each request for the metrics, with one sample per value of the label.
    public mutating func gauge(
        _ name: String, _ help: String, by label: String, _ samples: [(String, Int64)]
    ) {
        begin(name, "gauge", help)
        for (value, number) in samples { sample(name, [(label, value)], String(number)) }
    }

    public mutating func gauge(_ name: String, _ help: String, _ number: Double) {
        begin(name, "gauge", help)
        sample(name, [], Self.text(number))
    }

    mutating func begin(_ name: String, _ type: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    mutating func add(_ family: Family, _ labels: [(String, String)], _ numbers: [Int64]) {
        switch family.kind {
        case .counter:
            sample(family.name, labels, String(numbers[0]))
        case .histogram(let bounds):
            var count: Int64 = 0
            for (index, bound) in (bounds.map(Self.text) + ["+Inf"]).enumerated() {
                count += numbers[index]
                sample(family.name + "_bucket", labels + [("le", bound)], String(count))
            }
            sample(family.name + "_sum", labels, Self.text(Double(numbers[Family.sumColumn]) / 1e6))
            sample(family.name + "_count", labels, String(count))
        }
    }

    private mutating func sample(_ name: String, _ labels: [(String, String)], _ value: String) {
        let list = labels.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",")
        text += list.isEmpty ? "\(name) \(value)\n" : "\(name){\(list)} \(value)\n"
    }

    private static func text(_ number: Double) -> String {
        number == number.rounded() && abs(number) < 1e15 ? String(Int64(number)) : String(number)
    }

    private static func escaped(_ value: String) -> String {
        value.escaped {
            switch $0 {
            case "\\", "\"": "\\\($0)"
            case "\n": "\\n"
            default: nil
            }
        }
    }
}
