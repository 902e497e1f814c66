/// <reference lib="deno.worker" />
import { compareSync } from "bcryptjs";

/** Runs in a worker: answers each question in turn with whether the password fits the hash. */
self.onmessage = ({ data: [password, hash] }: MessageEvent<readonly [password: string, hash: string]>) => {
  self.postMessage(compareSync(password, hash));
};
