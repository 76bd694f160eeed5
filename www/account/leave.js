import { finishRemovals } from "/gallery/removal.js";
import { signOut } from "/session/session.js";

// What is being deleted is deleted first: its token ends here.
export async function leave() {
  await finishRemovals();
  await signOut();
}
