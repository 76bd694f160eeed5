import { finishRemovals } from "/gallery/deletion.js";
import { endSession } from "/session/session.js";

// Sends the deletions that could still be undone first: they need the session's token.
export async function signOut() {
  await finishRemovals();
  await endSession();
}
