/// Headers that nginx, Apache and the responders all send. Each value is written only here.
public enum HeaderRules {
    /// Content-Security-Policy of JSON: opened as a page, it loads nothing, and no page may frame it.
    static let jsonPolicy = "default-src 'none'; frame-ancestors 'none'"

    /// Content-Security-Policy of image files: opened as a page, one runs no script.
    static let imagePolicy = "default-src 'none'; sandbox"

    /// Content-Security-Policy of the frontend: nothing inline, and nothing from other hosts. Images also
    /// come from MULTIRES_URL, which may differ from the address that the page was opened at; blob: and
    /// data: are previews and placeholders.
    ///
    /// - Parameter url: MULTIRES_URL.
    static func frontendPolicy(url: String) -> String {
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' \(url) blob: data:; "
            + "font-src 'self'; manifest-src 'self'; connect-src 'self'; form-action 'self'; "
            + "base-uri 'none'; frame-ancestors 'none'"
    }

    /// Headers of originals and variants. A browser must not guess another type from the bytes (nosniff),
    /// must not send a signed URL to other sites as a referrer, and may embed the image in other sites.
    public static let image: [(name: String, value: String)] = [
        ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
        ("Content-Security-Policy", imagePolicy),
        ("Cross-Origin-Resource-Policy", "cross-origin"),
    ]

    // What pages of the origins in MULTIRES_CORS_ORIGINS may do.
    static let corsExposed = "ETag, Location, Retry-After, X-Request-Id"
    static let corsMethods = "GET, HEAD, POST, PATCH, DELETE"
    static let corsHeaders =
        "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Range"
    /// Seconds for which a browser may cache the response to a preflight request. Chromium's maximum is 7200.
    static let corsAge = "7200"

    /// Values for the templates of nginx's and Apache's files.
    ///
    /// - Parameter url: MULTIRES_URL.
    public static func templateValues(url: String) -> [String: String] {
        [
            "JSON_POLICY": jsonPolicy, "IMAGE_POLICY": imagePolicy,
            "FRONTEND_POLICY": frontendPolicy(url: url), "CORS_EXPOSED": corsExposed,
            "CORS_METHODS": corsMethods, "CORS_HEADERS": corsHeaders, "CORS_AGE": corsAge,
        ]
    }
}
