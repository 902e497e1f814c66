/** A length of time in the form that flags take: `45s`, `1h30m`, `26h0m5s` as `26h5s`; whole seconds, rounded down. */
export function formatGoLength(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [[Math.floor(whole / 3600), "h"], [Math.floor(whole / 60) % 60, "m"], [whole % 60, "s"]] as const;
  const text = parts.filter(([amount]) => amount > 0).map(([amount, unit]) => `${amount}${unit}`).join("");
  return text === "" ? "0s" : text;
}
