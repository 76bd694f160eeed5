/// Headers that nginx, Apache and the responders all send: each value has this one source.
public enum HeaderRules {
    /// Content-Security-Policy of JSON: opened as a page, it may load nothing and be framed by nobody.
    static let jsonPolicy = "default-src 'none'; frame-ancestors 'none'"

    /// Of pictures: opened as a page, one runs nothing.
    static let picturePolicy = "default-src 'none'; sandbox"

    /// Of the frontend: nothing inline and nothing from elsewhere. Pictures come by their public address
    /// too, which may not be the one the page was opened by; blob: and data: are previews and placeholders.
    static func frontendPolicy(url: String) -> String {
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' \(url) blob: data:; "
            + "font-src 'self'; manifest-src 'self'; connect-src 'self'; form-action 'self'; "
            + "base-uri 'none'; frame-ancestors 'none'"
    }

    /// A picture is a picture whatever its bytes might also pass for; other sites may embed it, and
    /// addresses that carry signatures are told to no other site.
    public static let picture: [(name: String, value: String)] = [
        ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
        ("Content-Security-Policy", picturePolicy),
        ("Cross-Origin-Resource-Policy", "cross-origin"),
    ]

    // What pages of the origins in MULTIRES_CORS_ORIGINS may do.
    static let corsExposed = "ETag, Location, Retry-After, X-Request-Id"
    static let corsMethods = "GET, HEAD, POST, PATCH, DELETE"
    static let corsHeaders =
        "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Range"
    /// Seconds a browser may remember a yes. Chromium caps it at 7200.
    static let corsAge = "7200"

    /// For the templates of nginx's and Apache's files.
    ///
    /// - Parameter url: MULTIRES_URL.
    public static func templateValues(url: String) -> [String: String] {
        [
            "JSON_POLICY": jsonPolicy, "PICTURE_POLICY": picturePolicy,
            "FRONTEND_POLICY": frontendPolicy(url: url), "CORS_EXPOSED": corsExposed,
            "CORS_METHODS": corsMethods, "CORS_HEADERS": corsHeaders, "CORS_AGE": corsAge,
        ]
    }
}
