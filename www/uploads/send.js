// Uploads one file. Uses XMLHttpRequest because fetch does not report the progress of an upload.

import { Problem } from "/session/problem.js";
import { accessToken, forget, renew } from "/session/session.js";

// Resolves to the service's response; rejects with a Problem, or an AbortError once `signal` fired.
export async function send(upload, { signal, progress }) {
  const token = await accessToken();
  try {
    return await attempt(upload, token, signal, progress);
  } catch (error) {
    if (error.status !== 401) throw error;
    const fresh = await renew(token);
    try {
      return await attempt(upload, fresh, signal, progress);
    } catch (again) {
      if (again.status === 401) forget("expired");
      throw again;
    }
  }
}

function attempt({ file, fit, visibility, key }, token, signal, progress) {
  const query = new URLSearchParams({ filename: file.name, fit, visibility });
  const request = new XMLHttpRequest();
  return new Promise((resolve, reject) => {
    const stop = () => request.abort();
    request.upload.addEventListener("progress", (event) => progress(event.loaded));
    request.addEventListener("load", () => {
      const { status, responseText } = request;
      const refused = Problem.answer(status, responseText, (name) => request.getResponseHeader(name));
      if (status !== 200 && status !== 202) return reject(refused);
      try {
        resolve(JSON.parse(responseText));
      } catch {
        reject(refused);
      }
    });
    request.addEventListener("error", () => reject(Problem.offline()));
    request.addEventListener("abort", () => reject(new DOMException("cancelled", "AbortError")));
    request.addEventListener("loadend", () => signal.removeEventListener("abort", stop));
    if (signal.aborted) return reject(new DOMException("cancelled", "AbortError"));
    signal.addEventListener("abort", stop);
    request.open("POST", `/api/images/upload?${query}`);
    request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.setRequestHeader(
      "Content-Type",
      file.type.startsWith("image/") ? file.type : "application/octet-stream",
    );
    // If the response is lost, the retry does not create a second image.
    request.setRequestHeader("Idempotency-Key", key);
    request.send(file);
  });
}
