import Foundation
import Text

/// One line of `multires doctor`. The sentence of a warning or a problem states what to do.
package struct Finding: CustomStringConvertible, Encodable {
    package enum Grade: String, Encodable {
        case ok, warning, problem
    }

    package let grade: Grade
    package let subject: String
    package let sentence: String

    package init(_ grade: Grade, _ subject: String, _ sentence: String) {
        self.grade = grade
        self.subject = subject
        self.sentence = sentence
    }

    /// An `ok` finding if `isGood`, otherwise one of `grade` with `sentence`.
    package init(
        _ subject: String, _ isGood: Bool, ok: String, else grade: Grade = .problem,
        _ sentence: @autoclosure () -> String
    ) {
        self = isGood ? Finding(.ok, subject, ok) : Finding(grade, subject, sentence())
    }

    package var description: String {
        let grade = grade.rawValue.padding(toLength: 8, withPad: " ", startingAt: 0)
        return "\(grade) \(subject): \(sentence.escaped { $0 == "\n" ? " " : nil }.printable)"
    }
}

/// The findings of a check. If it throws, a problem with the error.
package func findings(_ subject: String, _ check: () throws -> [Finding]) -> [Finding] {
    do {
        return try check()
    } catch {
        return [Finding(.problem, subject, "\(error)")]
    }
}
