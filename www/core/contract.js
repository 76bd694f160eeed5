// Made from /openapi.json by "make generate"; change that instead.

export const scopes = ["upload", "read", "write"];
export const previewSide = 480;
