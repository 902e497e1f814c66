/** How many items are worked off between two `yield`s: well under a millisecond. */
export const SLICE = 1024;
