/** The first 1042 words (32 bits, big-endian) of the fraction of π, with which Blowfish's tables begin; base64. */
export const PI_FRACTION = [
  "JD9qiIWjCNMTGYouA3BzRKQJOCIpnzHQCC76mOxObIlFKCHmONATd75UZs806QxswKwpt8l8UN0/hNW1tUcJF5IW1dmJefsb0TELppjftawv/XLb",
  "0Brft7jhr+1qJn6WunyQRfEsf5kkoZlHs5Fs9wgB8uKFjvwWY2kg2HFXTmmkWP6j9JM9fg2VdI9yjrZYcYvNWIIVSu57VKQdwlpZtZww1Tkq8mAT",
  "xdGwIyhghfDKQXkYuNs474553LBgOhgObJ4Oi7Aeij7XFXfBvTFLJ3ivL9pVYFxg5lUl86pVq5RXSJhiY+gUQFXKOWoqqxC2tMxcNBFB6M6hVIav",
  "fHLpk7PuFBFjb7wqK6nFXXQYMfbOXD4Wm4eTHq/WujNsJM9cejJTgSiVhnc7j0iYa0u5r8S/6BtmKCGTYdgJzPshqZFIfKxgXeyAMu+EXV3phXWx",
  "3CYjAutlG4gjiT6B05asxQ9tb/OD9EI5LgtEgqSEIARpyPBKnh+bXiHGaEL26WyaZwycYavTiPBqUaDS2FQvaJYPpyirUTOjbu8LbBN6O+S6O/BQ",
  "fvsqmKHxZR05rwF2ZspZPoJDDoiM7oYZRW+ftH2EpcM7i16+4G912IXBIHNAGkSfVsFqpk7TqmI2P3cGG/7fckKbAj030Nck0AoSSNsP6tNJ8cCb",
  "B1NyyYCZG3sl1HnY9uje9+P+UBq2eUw7l2zgvQTABrrBqU+2QJ9gxF5cnsIZaiRjaPtvrz5sU7UTObLrO1Lsb238UR+bMJUszIFFRK9evQm+49AE",
  "3jNK/WYPKAcZLkuzwMuoV0XIdA/SC185udP721V5wL0aYDIK1qEAxkAscnlnnyX++x+jzI6l6fjbMiL4PHUW3/1haxUvUB7IrQVSqzI9tfr9I4dg",
  "UzF7SD4A34KeXFe7ym+MoBqHVi7fF2nb1UKo9ih+/8OsZzLGjE9Vc2lbJ7C7yljI4f+jXbjwEaAQ+j2Y/SGDuEr8tWwt0dNbmlPkebb4RWXSjkm8",
  "S/uXkOHd8tqky34zYvsTQc7kxujvIMraNndMAdB+nv4r8R+0ldvaTa6QkZjqrY5xa5PVoNCO0dCvxyXgjjxbL451lLeP9uL78hIrZIiIuBKQDfAc",
  "T61eoGiPwxzRz/GRs6jBrS8vIhi+Dhd36nUt/osCH6HloMwPtW906Bis89bOieKZtKhP4P0T4Ld8xDuB0q2o2RZfomaAlXcFk8xzFCEaFHfmrSBl",
  "d7X6hsdUQvX7nTXP682vDHs+iaDWQRvTrh5+SQAlDi0gcbNeImgAu1e44K8kZDab8Am5HlVjkR1Z36aqeMFDidlaU38gfVuiAuW5xYMmA3Zilc+p",
  "EcgZaE5zSkGzRy3KexSpShtRAFKaUykV1g9XP7ybxuQrYKR2geZ0AAi6b7VXG+kf8pbsayoN2RW2Y2Uh57n5tv80BS7FhVZkU7AtXamfj6EIukeZ",
  "boUHakt6cOm1sylE23UJLsQZJiOtbqawSafffZzuYLiP7bJm7KqMcWmaF/9WZFJswrGe4Rk2AqV1CUwpoFkTQOQYOj4/VJiaW0KdZWuP5NaZ9z/W",
  "odKcB+/oMPVNLTjm8CVdwUzdIIaEcOsmY4LpxgIezF4JaGs/PrrvyTyXGBRranChaH81hFKg4oa3nFMFqlAHNz4HhBx/3q5cjn1E7FcW8riwOto3",
  "8FAMDfAcHwQCALP/rgz1Gjy1dLIlg3pY3AkhvdGRE/l8qS/2lDJHcyL1RwE65eWBN8La3Mi1djSa892nqURhRg/QAw7syMc+pHUeQeI4zZk76g4v",
  "MoC7oRg+szFOVIs4T225CG9CDQP2CgS/LLgSkCSXfHlWebByvK+Jr96adx/ZkwgQs4uuEtzPPy5VEnIfLmtxJFAa3eafhM2HelhHGHQI2he8n5q8",
  "6Ut9jOx67DrbhR36YwlDZsRkw9LvHBhHMhXZCN1DOzckwroWEqFNQyplxFFQlAACEzrk3XHf+J4QMU5Vgax31l8RGZsENVbx16PHazwRGDtZJKUJ",
  "8o/m7Zfx+/qeur8sHhU8bobjRXDq6W+xhg5eClo+KrN3H+ccTj0G+ill3LmZ5x0PgD6J1lJmyCUuTMl4nBCzasYVDrqU4up4pfw8Ux4KLfTy906n",
  "Nh0rPRk5Jg8ZwnlgUiOnCPcTErbrrf5u6sMfZuO8RZWme8iDsX830QGM/yjDMt3vvmxapWVYIYVoq5gC7s6lD9svlTsq732tW24vhBUhtigpB2Fw",
  "7N1HdWGfFRATzKgw62G9lgM0/h6qA2PPtXNckExwojnVnp4Ly6reFO7MhrxgYiynnKtcq7LzhG5kix6vGb3wyqAjabllWrtQQGhaMjwqtLMxnunV",
  "wCG495tUCxmHX6CZlfeZfmI9faj4N4ial+MtdxHtk18WaBKBDjWIKcfmH9aW3t+heFi6mVf1hKUbInJjm4PD/xrCRpbNswrrUy4wVI/ZSORtvDEo",
  "WOvy7zTG/+r+KO1h7nw8c11KFNnoZLfjQhBdFCA+E+BF7uK2o6qr6ttsTxX6y0/Qx0L0Qu9qu7VlTzsdQc0hBdgeeZ6GhU3H5EtHaj2BYlDPYqHy",
  "W40mRvyIg6DBx7ajfxUkw2nLdJJHhIoLVpKyhQlbvwCtGUidFGKxdCOCDgBYQo0qDFX16h2t9D4jP3BhM3Lwko2TfkHWX+zxbCI723zeN1nL7nRg",
  "QIXyp853Mm6mB4CEGfhQnujv2FVh2Zc1qWmnqsUMBsJaBKv8gAvK3J5Eei7DRTSE/dVnBQ4ensnbc9vTEFWIzWdf2nnjZ0NAxcQ0ZXE+ONg9KPie",
  "8W3/IBU+IeePsD1K5uOfK9uDrffpPVpolIFA9/ZMJhyUaSk0QRUg93YC1Pe89Gsu1KIAaNQIJHEzIPRqQ7fUt1AAYa8eOfYulyRFRhQhT3S/i4hA",
  "TZX8HZa1ka9w9N3TZqAvRb+8CewDvZeFf6xt0DHLhQSW6yezVf05QdolR+arygqaKFB4JVMEKfQKLIba6bZt+2jcFGLXSGkAaA7ApCehje5PP/6i",
  "6IetjLWM4AZ69Na2qs4efNM3X+zOeKOZQGsqQiD+njXZ84W57jnXqzsSTosdyfr3S20YViajZjHq45eyOm76dN1bQzJoQef3yngg+/sK9U7Y/rOX",
  "RUBWrLpIlSdVUzo6IIONh/5rqbfQlpVLVahnvKEVmljMqSljmeHbM6YqSlY/MSX5XvR+HJApMXz9+OgCBCcvcIC7FVwFKCzjlcEVSOTGbSJIwRM/",
  "xw+G3Af5ye5BBB8PQEd5pF2IbhcyX1Hr1ZvA0fK8wY9BETVkJXt4NGAqnGDf+OijH2NsGw4StMIC4TKer2ZP0crRgRVrI5XgMz6S4TskC2Luvrki",
  "hbKiDua6DZnecgyMLaL3KNASeEWVt5T9ZH0IYufM9fBUSaNvh31I+sOd/SfzPo0eCkdjQZku/3Q6b26r9Pj9N6gS3GCh6934mRvhTNtuaw3Ge1UQ",
  "bWcsNydl1Dvc0OgE8SkNx8wA/6O1OQ+SaQ/tC2Z7n/vO232coJHPC9kVXqO7Ey+IUVutJHuUeb92O9brNzkus8wRWXmAJuKX9C4xLWhCrafGais7",
  "EnVMzHgu8RxqEkI3t5JR5wahu+ZL+2NQGmsQGBHK7fo9Jb3Y4uHDyURCFlkKEhOG2QzsbtWr6ipkr2dO2oaoX76/6Yhk5MP+nbyAV/D3wIZgeHv4",
  "YANgTdH9g0b2OB+wd0WuBNc2/MyDQmsz8B6rcbCAQYc8AF5fd6BXvr3oriRVRkKZv1guYU5Y9I/y3f2i9HTvOIeJvcJTZvnDyLOOdLR18lVG/Nm5",
  "eusmYYsd34SEag55kV+V4kZuWY4gtFdwjNVVkckC3ky5C6zhu4IF0BGoYkh1dKmet38ZtuCp3AlmLQmhxDJGM+haHwIJ8L6MSpmgJR1u/hAauT0d",
  "C6Wk36GG8g8oaPFp3Lfag1c5Bv6h4s6bT81/UlARXgGnBoP6oAK1xA3m0Cea+Iwndz+GQcNgTAZhqAa18Bd6KMD1huAAYFiqMNx9YhHmntcjOOpj",
  "U8LdlMLCFjS7y+5WkLy23uv8faHOWR12bwXkCUt8AYg5cgo9fJJ8JIbjcl9yTZ25GsFbtNOeuPztVFV4CPyltdg9fNNNrQ/EHlDvXrFh5viihRTZ",
  "bFETPG/Vx+dW4U7ENiq/zt3GyDfXmjI0kmOCEmcO+o5AYADgOjnON9P69c+rwnc3WsUtG1ywZ55PozdC04InQJm8m77VEY6dvw9zFdYtHH7HAMR7",
  "t4wbayGhkEWybrG+ajZutFdIqy+8lG55xqN20mVJwshTD/juRo3efdVzCh1M0E3GKTm726m6RlCslSbovl7jBKH61fBqLVGaY++M4pqG7iLAicK4",
  "QyQu9qUeA6qc8tCkg8Bhupvpak2P5RVQumRb1igmovmnOjrhS6mVhu9VYunHL+/T91L32j8Eb2l3+gpZgOSpFYewhgGbCeatOz7lk+mQ/VqeNNeX",
  "LPC32QIri1GW1aw6AX2mfdHPPtZ8fS0oH58lz63yuJta1rRyWoj1TOAprHHgGaXmR7Cs/e2T+pvo08SNKDtXzPjVZil5Ey4oeF8Bke11YFX3lg5E",
  "49NejBUFbdSI9G26A6FhJQVk8L3D654VPJBXopcnGuypOgcqGz9tmx5jIfX1nGb7JtzzGXUz2SixVf31A1Y0goq6PLsoUXcRwgrZ+KvMUWfMrZJf",
  "TegXUTgw3I43nVhikyD5kep6kML7PnvOUSHOZHdPvjKotuN+wyk9RkjeU2lkE+aAoq4IEN1tsiRphS39CQchZrOaRgpkRcDdWGzezxwgyK5bvvfd",
  "G1iNQMzSAX9rtOO73aJqfjpZ/0U+NQpEvLTN1XLqzqj6ZIS7jWYSrr88b0fSm+RjVC9dnq7Cdxv2TmNwdA4NjedbE1f4chZxr1N9XUBAywhOtOLM",
  "NNJGagEVr4ThsAQolZg6HQa4n7TObqBIbz87gjUgq4IBGh1LJ3In+GEVYLHnkz/cuzp5KzRFJb2giDnhUc55Sy8yybegH7rJ4BzIfrzH0fbPARHD",
  "oeiqxxqQh0nUT72a0Nrey9UK2jgDOcMqxpE2Z435MXzgsStP955Zt0P1uzry1Rn/J9lFnL+XIiwV5vwqD5H8cZuUFSX65ZNhzrac68KoZFkSuqjR",
  "tsEHXuMFagwQ0lBlywOkQuDsbg4WmNs7TJigvjJ46WSfH5Uy4NOS39OgNCuJcfIeGwp0QUujNIzFvnEgw3Yy2N81n42bmS8u5gtvRw/j8R3lTNpU",
  "HtrYkc5iec/NPn5vFhixZv0sHQWEj9LF9vsimfUj81emMnYjk6g1MVbMzQKs8IFiWnXrtW4WNpeI0nPM3pZikoG5SdBMUJAbccZWFObGx70yehQK",
  "ReHQBsPye5rJqlP9YqgPALslv+I1vdL2cRJpBbIEAiK2y898zXacK1MRPsAWQOPTOKu9YCVHrfC6OCCc90bOdnevocUgdWBghcv+Torojdh6qvmw",
  "TPmqfhlIwlwC+4qMAcNq5Nbr4fmQ1PhpplzeoD8JJS3CCOaft05hMs534ltXj9/jOsNy5g==",
].join("");

/** Key-dependent tables of Blowfish: 18 subkeys, then four S-boxes of 256 words. */
export interface Blowfish {
  readonly p: Int32Array;
  readonly s: Int32Array;
}

/** Words in the subkey table; a key is as many 32-bit words, repeated as needed. */
export const SUBKEYS = 18;

/** The tables before any key: the binary fraction of π. */
export function initialTables(): Blowfish {
  const bytes = new DataView(Uint8Array.from(atob(PI_FRACTION), (byte) => byte.charCodeAt(0)).buffer);
  const words = Int32Array.from({ length: bytes.byteLength / 4 }, (_, i) => bytes.getInt32(i * 4));
  return { p: words.slice(0, SUBKEYS), s: words.slice(SUBKEYS) };
}

/** A copy of tables that {@link expandKey} may change. */
export function copyTables({ p, s }: Blowfish): Blowfish {
  return { p: p.slice(), s: s.slice() };
}

/** Enciphers the block in `block[0]` and `block[1]`, in place. */
export function encipher({ p, s }: Blowfish, block: Int32Array): void {
  let left = word(block, 0);
  let right = word(block, 1);
  for (let i = 0; i < 16; i += 2) {
    left ^= word(p, i);
    right ^= round(s, left);
    right ^= word(p, i + 1);
    left ^= round(s, right);
  }
  block[0] = right ^ word(p, 17);
  block[1] = left ^ word(p, 16);
}

/** Mixes a key of 18 words into the tables; `salt` (4 words) goes into each block before it is enciphered. */
export function expandKey(tables: Blowfish, key: Int32Array, salt: Int32Array): void {
  const { p, s } = tables;
  for (let i = 0; i < SUBKEYS; i++) p[i] = word(p, i) ^ word(key, i);
  const block = new Int32Array(2);
  let half = 0;
  for (const table of [p, s]) {
    for (let i = 0; i < table.length; i += 2) {
      block[0] = word(block, 0) ^ word(salt, half);
      block[1] = word(block, 1) ^ word(salt, half + 1);
      half ^= 2;
      encipher(tables, block);
      table[i] = word(block, 0);
      table[i + 1] = word(block, 1);
    }
  }
}

function round(s: Int32Array, x: number): number {
  const sum = (word(s, x >>> 24) + word(s, 256 + (x >>> 16 & 255))) ^ word(s, 512 + (x >>> 8 & 255));
  return sum + word(s, 768 + (x & 255)) | 0;
}

// Every index here is in range; the compiler cannot know, and `| 0` costs nothing on a 32-bit word.
function word(words: Int32Array, i: number): number {
  return words[i] as number | 0;
}

/** How the work of {@link comparePassword} is spread over the event loop. */
export interface SliceOptions {
  /** Milliseconds of work at a stretch; default 3. */
  readonly slice?: number;
  /** Gives the event loop its turn; by default for as long as a slice, so that half of a core stays free. */
  readonly rest?: () => Promise<void>;
}

const ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const HASH = /^\$2[aby]\$(0[4-9]|[12]\d|3[01])\$([./A-Za-z0-9]{21}[.Oeu])([./A-Za-z0-9]{30}[.CGKOSWaeimquy26])$/;
const NO_SALT = new Int32Array(4);
let pristine: Blowfish | undefined;

/** The cost (4 to 31) of a bcrypt hash (`$2a$`, `$2b$`, `$2y$`); undefined when the text is no such hash. */
export function bcryptCost(hash: string): number | undefined {
  const [, cost] = HASH.exec(hash) ?? [];
  return cost === undefined ? undefined : Number(cost);
}

/**
 * Whether a password fits a bcrypt hash. As everywhere, only its first 72 bytes count.
 *
 * bcryptjs works for 100 ms at a stretch, which under a flood of guesses delays scrapes by half a second; hence our own.
 * Throws a RangeError if `hash` is not a bcrypt hash.
 */
export async function comparePassword(password: string, hash: string, options: SliceOptions = {}): Promise<boolean> {
  const { slice = 3, rest = () => sleep(slice) } = options;
  const [, cost, saltText, expected] = HASH.exec(hash) ?? [];
  if (saltText === undefined || expected === undefined) {
    throw new RangeError("Cannot compare a password: no bcrypt hash");
  }
  // First of all a rest: many short runs in a row must not make a long one.
  await rest();
  const key = keyWords(new TextEncoder().encode(password + "\0"));
  const salt = bigEndianWords(decodeBase64(saltText), 4);
  const saltKey = Int32Array.from({ length: SUBKEYS }, (_, i) => salt[i % 4] ?? 0);
  const tables = copyTables(pristine ??= initialTables());
  expandKey(tables, key, salt);
  let until = performance.now() + slice;
  for (let left = 2 ** Number(cost); left > 0; left--) {
    expandKey(tables, key, NO_SALT);
    expandKey(tables, saltKey, NO_SALT);
    if (performance.now() < until) continue;
    await rest();
    until = performance.now() + slice;
  }
  return sameBytes(magicText(tables), decodeBase64(expected));
}

// The text that bcrypt enciphers 64 times; of the 24 bytes it keeps 23.
function magicText(tables: Blowfish): Uint8Array {
  const words = bigEndianWords(new TextEncoder().encode("OrpheanBeholderScryDoubt"), 6);
  const bytes = new DataView(new ArrayBuffer(24));
  for (let i = 0; i < 6; i += 2) {
    const block = words.slice(i, i + 2);
    for (let n = 0; n < 64; n++) encipher(tables, block);
    block.forEach((word, k) => bytes.setInt32((i + k) * 4, word));
  }
  return new Uint8Array(bytes.buffer, 0, 23);
}

function keyWords(bytes: Uint8Array): Int32Array {
  return bigEndianWords(Uint8Array.from({ length: SUBKEYS * 4 }, (_, i) => bytes[i % bytes.length] ?? 0), SUBKEYS);
}

function bigEndianWords(bytes: Uint8Array, length: number): Int32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Int32Array.from({ length }, (_, i) => view.getInt32(i * 4));
}

// bcrypt's base64: its own alphabet, most significant bits first, no padding.
function decodeBase64(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 6 >> 3);
  let bits = 0;
  let count = 0;
  let at = 0;
  for (const character of text) {
    bits = (bits << 6 | ALPHABET.indexOf(character)) & 0xffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes[at++] = bits >> count;
  }
  return bytes;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  a.forEach((byte, i) => difference |= byte ^ (b[i] ?? 0));
  return difference === 0;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
