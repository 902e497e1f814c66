/** Gives up the network: the listeners stay, and from here on nothing can be sent anywhere. */
export function dropNetwork(): void {
  if (isOff()) return;
  Deno.permissions.revokeSync({ name: "net" });
}

/** Whether there is no sandbox at all. */
export function isOff(): boolean {
  return Deno.permissions.querySync({ name: "write" }).state === "granted";
}
