// Generated from /openapi.json by "make generate". Do not edit.

export const scopes = ["upload", "read", "write"];
export const previewSide = 480;
