/// <reference lib="deno.worker" />
import { compareSync } from "bcryptjs";
import type { PasswordQuestion } from "./passwords.ts";

/** Runs in a worker: answers each question in turn with whether the password fits the hash. */
self.onmessage = ({ data: [password, hash] }: MessageEvent<PasswordQuestion>) => {
  self.postMessage(compareSync(password, hash));
};
