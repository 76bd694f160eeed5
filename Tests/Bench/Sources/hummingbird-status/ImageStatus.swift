import Hummingbird

/// The response, whose members have the same names as in Multires.
struct ImageStatus: ResponseEncodable {
    let id: String
    let status: String
    let errorMessage: String?
    let errorCode: String?
    let attempts: Int
    let variants: [String: String]

    private enum Member: String, CodingKey {
        case id, status, errorMessage, errorCode, attempts, variants
    }

    /// A member without a value is null: a synthesized `encode` would leave it out.
    func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Member.self)
        try members.encode(id, forKey: .id)
        try members.encode(status, forKey: .status)
        try members.encode(errorMessage, forKey: .errorMessage)
        try members.encode(errorCode, forKey: .errorCode)
        try members.encode(attempts, forKey: .attempts)
        try members.encode(variants, forKey: .variants)
    }
}
