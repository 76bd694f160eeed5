import Cryptography
import Support
import Testing

@testable import Credentials

private let now: Int64 = 1_767_225_600
private let account = "0198b2a0-0000-7000-8000-0000000000aa"
private let session = "0198b2a0-0000-7000-8000-0000000000bb"
private let accessSecret = "new:\(secretA)"
private let refreshSecret = "new:\(secretB)"

private func tokens(
    access: String = accessSecret, refresh: String = refreshSecret
) throws -> Tokens {
    Tokens(
        access: try SigningKeys(access, name: "JWT_SECRET"),
        refresh: try SigningKeys(refresh, name: "JWT_REFRESH_SECRET"),
        accessLifetime: .seconds(900), refreshLifetime: .seconds(604_800))
}

private func accessToken(at time: Int64 = now) throws -> String {
    try tokens().accessToken(account: account, email: "a@example.com", session: session, at: time)
}

/// A token signed with our own key, with any header and claims: what an attacker who has the secret, or
/// an older version of Multires, could send.
private func forged(
    header: String = #"{"alg":"HS256","kid":"new","typ":"at+jwt"}"#,
    claims: String = validClaims, secret: String = secretA
) -> String {
    let input = "\(Base64URL.encode(bytes(header))).\(Base64URL.encode(bytes(claims)))"
    return "\(input).\(Base64URL.encode(HMACSHA256.of(bytes(input), key: bytes(secret))))"
}

private func claims(_ changes: KeyValuePairs<String, String?>) -> String {
    var members: [(String, String)] = [
        ("iss", #""multires""#), ("aud", #""multires-api""#), ("sub", #""\#(account)""#),
        ("email", #""a@example.com""#), ("sid", #""\#(session)""#), ("jti", #""x""#),
        ("iat", "\(now)"), ("exp", "\(now + 900)"),
    ]
    for (name, value) in changes {
        members.removeAll { $0.0 == name }
        if let value { members.append((name, value)) }
    }
    return "{\(members.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ","))}"
}

private let validClaims = claims([:])

@Suite struct TokenTests {
    @Test("An access token holds its account, session and expiry time")
    func access() throws {
        let read = try tokens().verifyAccess(try accessToken(), at: now)
        #expect(read.account == account)
        #expect(read.email == "a@example.com")
        #expect(read.session == session)
        #expect(read.validFrom == 0)
        #expect(read.expiresAt == now + 900)
    }

    @Test("The header and claims of an access token are the documented ones")
    func form() throws {
        let parts = try accessToken().split(separator: ".")
        let header = try #require(Base64URL.decode(parts[0]).flatMap(FlatJSON.init))
        #expect(
            header.members == [
                "alg": .text("HS256"), "kid": .text("new"), "typ": .text("at+jwt"),
            ])
        let claims = try #require(Base64URL.decode(parts[1]).flatMap(FlatJSON.init))
        #expect(
            Set(claims.members.keys) == ["iss", "aud", "sub", "email", "sid", "jti", "iat", "exp"])
    }

    @Test("Two access tokens issued at the same moment differ")
    func unique() throws {
        #expect(try accessToken() != accessToken())
    }

    @Test("The longest possible email fits into a token")
    func longest() throws {
        let email = String(repeating: "\u{1}", count: 254)
        let token = try tokens().accessToken(
            account: account, email: email, session: session, at: now)
        #expect(try tokens().verifyAccess(token, at: now).email == email)
    }

    @Test("A refresh token holds session and generation; the same arguments give the same token")
    func refresh() throws {
        let tokens = try tokens()
        func token(_ generation: Int) -> String {
            tokens.refreshToken(
                account: account, session: session, generation: generation, issuedAt: now)
        }
        let read = try tokens.verifyRefresh(token(7), at: now)
        #expect(read.account == account && read.session == session && read.generation == 7)
        #expect(token(7) == token(7))
        #expect(token(7) != token(8))
    }

    @Test("A token is valid until its expiry time plus the allowed clock skew")
    func expiry() throws {
        let token = try accessToken()
        #expect(throws: Never.self) { try tokens().verifyAccess(token, at: now + 929) }
        #expect(throws: TokenError.expired) { try tokens().verifyAccess(token, at: now + 930) }
        let refresh = try tokens().refreshToken(
            account: account, session: session, generation: 0, issuedAt: now)
        #expect(throws: Never.self) { try tokens().verifyRefresh(refresh, at: now + 604_829) }
        #expect(throws: TokenError.expired) {
            try tokens().verifyRefresh(refresh, at: now + 604_830)
        }
    }

    @Test("A forged token is refused as invalid, never as expired")
    func expiredForgery() throws {
        var token = try accessToken()
        let last = token.removeLast()
        token.append(last == "A" ? "E" : "A")
        #expect(throws: TokenError.invalid) { try tokens().verifyAccess(token, at: now + 9999) }
    }

    @Test("After the clock is set back, issued tokens stay valid; their expiry time still counts")
    func future() throws {
        let token = try accessToken()
        let refresh = try tokens().refreshToken(
            account: account, session: session, generation: 0, issuedAt: now)
        let device = try tokens().deviceToken(account: account, device: nil, at: now)
        for back in [31, 3600, 30 * 86400] as [Int64] {
            #expect(throws: Never.self) { try tokens().verifyAccess(token, at: now - back) }
            #expect(throws: Never.self) { try tokens().verifyRefresh(refresh, at: now - back) }
            #expect(try tokens().device(of: device, account: account, at: now - back) != nil)
        }
        #expect(throws: TokenError.expired) { try tokens().verifyAccess(token, at: now + 930) }
    }

    @Test("A device token identifies a device of its account for a year and gives no access")
    func device() throws {
        let tokens = try tokens()
        let token = tokens.deviceToken(account: account, device: nil, at: now)
        let device = try #require(tokens.device(of: token, account: account, at: now))
        #expect(device.utf8.count == 22)
        let next = tokens.deviceToken(account: account, device: device, at: now + 5)
        #expect(tokens.device(of: next, account: account, at: now + 5) == device)
        #expect(
            tokens.device(
                of: tokens.deviceToken(account: account, device: nil, at: now),
                account: account, at: now) != device)
        let year: Int64 = 365 * 86400
        #expect(tokens.device(of: token, account: account, at: now + year) == device)
        #expect(tokens.device(of: token, account: account, at: now + year + 30) == nil)
        #expect(tokens.device(of: token, account: "another", at: now) == nil)
        #expect(tokens.device(of: token + "x", account: account, at: now) == nil)
        #expect(throws: TokenError.invalid) { try tokens.verifyAccess(token, at: now) }
        #expect(throws: TokenError.invalid) { try tokens.verifyRefresh(token, at: now) }
        let refresh = tokens.refreshToken(
            account: account, session: session, generation: 0, issuedAt: now)
        for other in [try accessToken(), refresh, ""] {
            #expect(tokens.device(of: other, account: account, at: now) == nil)
        }
    }

    @Test("A cached token expires at its own time and never makes another token valid")
    func known() throws {
        let known = KnownTokens(try tokens())
        let token = try accessToken()
        for _ in 0..<2 { #expect(try known.verify(token, at: now).session == session) }
        #expect(throws: Never.self) { try known.verify(token, at: now + 929) }
        #expect(throws: TokenError.expired) { try known.verify(token, at: now + 930) }
        #expect(throws: Never.self) { try known.verify(token, at: now - 31) }
        var other = token
        let last = other.removeLast()
        other.append(last == "A" ? "E" : "A")
        for _ in 0..<2 {
            #expect(throws: TokenError.invalid) { try known.verify(other, at: now) }
        }
        // As Swift Strings, U+212A equals K, U+037E a semicolon and U+1FEF a grave accent.
        let kelvin = String(
            String.UnicodeScalarView(token.unicodeScalars.map { $0 == "K" ? "\u{212A}" : $0 }))
        for _ in 0..<2 where !kelvin.utf8.elementsEqual(token.utf8) {
            #expect(throws: TokenError.invalid) { try known.verify(kelvin, at: now) }
        }
        // Many more tokens than the cache holds.
        for second in 0..<300 {
            #expect(throws: Never.self) {
                try known.verify(accessToken(at: now + Int64(second)), at: now + Int64(second))
            }
        }
        #expect(try known.verify(token, at: now).session == session)
    }

    @Test("Access and refresh tokens are not interchangeable, even with the same secret")
    func swapped() throws {
        let same = try tokens(access: accessSecret, refresh: accessSecret)
        let access = same.accessToken(
            account: account, email: "a@example.com", session: session, at: now)
        let refresh = same.refreshToken(
            account: account, session: session, generation: 0, issuedAt: now)
        #expect(throws: TokenError.invalid) { try same.verifyRefresh(access, at: now) }
        #expect(throws: TokenError.invalid) { try same.verifyAccess(refresh, at: now) }
        #expect(throws: TokenError.invalid) {
            try same.verifyAccess(forged(claims: claims(["aud": #""multires-auth""#])), at: now)
        }
    }

    @Test("The forging helper makes a valid token when nothing is changed")
    func control() throws {
        #expect(throws: Never.self) { try tokens().verifyAccess(forged(), at: now) }
        #expect(throws: Never.self) {
            try tokens().verifyAccess(forged(claims: claims(["nbf": "\(now + 30)"])), at: now)
        }
    }

    @Test(
        "A token with any other header is refused, even if its signature is valid",
        arguments: [
            #"{"alg":"none","kid":"new","typ":"at+jwt"}"#,
            #"{"alg":"None","kid":"new","typ":"at+jwt"}"#,
            #"{"alg":"nOnE","kid":"new","typ":"at+jwt"}"#,
            #"{"alg":"RS256","kid":"new","typ":"at+jwt"}"#,
            #"{"alg":"HS384","kid":"new","typ":"at+jwt"}"#,
            #"{"alg":"HS512","kid":"new","typ":"at+jwt"}"#,
            #"{"alg":"hs256","kid":"new","typ":"at+jwt"}"#, #"{"kid":"new","typ":"at+jwt"}"#,
            #"{"alg":"HS256","typ":"at+jwt"}"#, #"{"alg":"HS256","kid":"new"}"#,
            #"{"alg":"HS256","kid":"new","typ":"JWT"}"#,
            #"{"alg":"HS256","kid":"new","typ":"rt+jwt"}"#,
            #"{"alg":"HS256","kid":"","typ":"at+jwt"}"#,
            #"{"alg":"HS256","kid":"old","typ":"at+jwt"}"#,
            #"{"alg":"HS256","kid":"../../dev/null","typ":"at+jwt"}"#,
            #"{"alg":"HS256","kid":"new' or 1=1","typ":"at+jwt"}"#,
            #"{"alg":"HS256","kid":null,"typ":"at+jwt"}"#,
            #"{"alg":"HS256","kid":["new"],"typ":"at+jwt"}"#,
            #"{"alg":"HS256","kid":"new","typ":"at+jwt","crit":["exp"]}"#,
            #"{"alg":"HS256","kid":"new","typ":"at+jwt","jku":"https://example.com"}"#,
            #"{"alg":"HS256","kid":"new","typ":"at+jwt","jwk":{"kty":"oct","k":"AA"}}"#,
            #"{"alg":"HS256","kid":"new","typ":"at+jwt","x5u":"https://example.com"}"#,
            #"{"alg":"HS256","kid":"new","typ":"at+jwt","zip":"DEF"}"#,
            #"{"alg":"HS256","kid":"new","typ":"at+jwt","alg":"HS256"}"#,
            #"{"typ":"at+jwt","alg":"HS256","kid":"new"}"#,
            #"{"alg": "HS256","kid":"new","typ":"at+jwt"}"#,
            "{}", "", "null",
        ])
    func headers(header: String) throws {
        let tokens = try tokens()
        #expect(throws: TokenError.invalid) {
            try tokens.verifyAccess(forged(header: header), at: now)
        }
        let unsigned = forged(header: header).split(separator: ".").dropLast().joined(
            separator: ".")
        #expect(throws: TokenError.invalid) { try tokens.verifyAccess(unsigned + ".", at: now) }
    }

    @Test(
        "A token with any other claims is refused, even if its signature is valid",
        arguments: [
            claims(["iss": #""other""#]), claims(["iss": nil]), claims(["aud": #""other""#]),
            claims(["aud": nil]), claims(["aud": #"["multires-api"]"#]), claims(["sub": nil]),
            claims(["sub": "1"]), claims(["email": nil]), claims(["sid": nil]),
            claims(["iat": nil]),
            claims(["iat": "\"\(now)\""]),
            claims(["iat": "\(now).0"]),
            claims(["iat": "-1"]), claims(["exp": nil]), claims(["exp": "\"\(now + 900)\""]),
            claims(["exp": "\(now + 900).5"]), claims(["exp": "1e300"]),
            claims(["exp": "9007199254740992"]),
            claims(["exp": "null"]), claims(["exp": "\(now)"]), claims(["nbf": "\(now + 31)"]),
            claims(["nbf": "\"\(now)\""]), validClaims + " ,", "[\(validClaims)]", "",
            validClaims.dropLast() + #","sub":"another"}"#,
            validClaims.dropLast() + #","exp":\#(now + 99999)}"#,
        ])
    func otherClaims(claims: String) throws {
        #expect(throws: TokenError.invalid) {
            try tokens().verifyAccess(forged(claims: claims), at: now)
        }
    }

    @Test("A token that does not have exactly three parts is refused")
    func parts() throws {
        let token = try accessToken()
        let pieces = token.split(separator: ".").map(String.init)
        for text in [
            "", ".", "..", "...", token + ".", "." + token, token + "..", token + ".e30",
            pieces[0] + "." + pieces[1], pieces[0] + "." + pieces[1] + ".", pieces[0],
            pieces[0] + ".." + pieces[2], "." + pieces[1] + "." + pieces[2], " " + token,
            token + " ", token + "\n", token + "\0", token + "=", "Bearer " + token,
        ] {
            #expect(throws: TokenError.invalid) { try tokens().verifyAccess(text, at: now) }
        }
    }

    @Test("A token of more than 4 KiB is refused, even if its signature is valid")
    func huge() throws {
        let long = claims(["jti": "\"\(String(repeating: "x", count: 4096))\""])
        #expect(throws: TokenError.invalid) {
            try tokens().verifyAccess(forged(claims: long), at: now)
        }
        #expect(throws: TokenError.invalid) {
            try tokens().verifyAccess(String(repeating: ".", count: 10_000_000), at: now)
        }
    }

    @Test("Any flipped bit and any other Base64 spelling of the signature is refused")
    func flippedSignature() throws {
        let tokens = try tokens()
        let token = try accessToken()
        let dot = try #require(token.lastIndex(of: "."))
        let signed = token[...dot]
        let signature = try #require(Base64URL.decode(token[dot...].dropFirst()))
        for bit in 0..<256 {
            var changed = signature
            changed[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: TokenError.invalid) {
                try tokens.verifyAccess(signed + Base64URL.encode(changed), at: now)
            }
        }
        // 32 bytes leave two bits of the last digit unused: three more spellings of the same bytes.
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        let last = try #require(token.last.flatMap { digits.firstIndex(of: $0) })
        #expect(last % 4 == 0)
        for spelling in 1...3 {
            let text = token.dropLast() + String(digits[last + spelling])
            #expect(throws: TokenError.invalid) { try tokens.verifyAccess(String(text), at: now) }
        }
    }

    @Test("A flipped bit in any byte of the header or claims is refused")
    func flippedContent() throws {
        let tokens = try tokens()
        let token = try accessToken()
        let content = token.utf8.count - 44
        for position in 0..<content {
            var changed = bytes(token)
            changed[position] ^= 1 << (position % 7)
            let text = String(decoding: changed, as: UTF8.self)
            #expect(throws: TokenError.invalid) { try tokens.verifyAccess(text, at: now) }
        }
    }

    @Test("A token signed with another secret is refused")
    func foreign() throws {
        #expect(throws: TokenError.invalid) {
            try tokens().verifyAccess(forged(secret: secretB), at: now)
        }
        #expect(throws: TokenError.invalid) {
            try tokens().verifyAccess(forged(secret: ""), at: now)
        }
    }
}

@Suite struct KeyRotationTests {
    private func token(_ tokens: Tokens) -> String {
        tokens.accessToken(account: account, email: "a@example.com", session: session, at: now)
    }

    @Test("After a rotation the new key signs, and the old key verifies until it is removed")
    func rotation() throws {
        let before = try tokens(access: "one:\(secretA)")
        let during = try tokens(access: "two:\(secretB),one:\(secretA)", refresh: "r:\(secretA)")
        let after = try tokens(access: "two:\(secretB)", refresh: "r:\(secretA)")
        let old = token(before)
        let new = token(during)
        #expect(throws: Never.self) { try during.verifyAccess(old, at: now) }
        #expect(throws: Never.self) { try during.verifyAccess(new, at: now) }
        #expect(throws: Never.self) { try after.verifyAccess(new, at: now) }
        #expect(throws: TokenError.invalid) { try after.verifyAccess(old, at: now) }
        #expect(throws: TokenError.invalid) { try before.verifyAccess(new, at: now) }
    }

    @Test("Tokens stay valid when a single secret becomes part of a list of keys")
    func fromBareSecret() throws {
        let old = token(try tokens(access: secretA))
        let rotated = try tokens(access: "new:\(secretB),old:\(secretA)", refresh: "r:\(secretA)")
        #expect(throws: Never.self) { try rotated.verifyAccess(old, at: now) }
        let without = try tokens(access: "new:\(secretB)", refresh: "r:\(secretA)")
        #expect(throws: TokenError.invalid) { try without.verifyAccess(old, at: now) }
    }
}
