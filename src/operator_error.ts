/** Something that the operator can mend: one line that says what is wrong, where, and what to do. */
export class OperatorError extends Error {
  override readonly name = "OperatorError";
}
