import { maskNamedValues } from "./secrets/named_value.ts";
import { maskPrivateKeys } from "./secrets/private_key.ts";
import { maskUrlPasswords } from "./secrets/url_password.ts";

// Tokens that show what they are: AWS key ids, bearer tokens, JSON web tokens, Google access tokens.
const KEY_ID = /(?<![A-Za-z0-9])(A(?:KIA|SIA|ROA|IDA|GPA))[A-Z0-9]{12,}(?![A-Za-z0-9])/g;
const BEARER = /\b(Bearer|Basic) +[A-Za-z0-9._~+/-]{16,}=*/g;
const WEB_TOKEN = /(?<![\w.-])(?:eyJ[\w-]{8,}\.[\w-]{2,}(?:\.[\w-]*)*|ya29\.[\w.-]{8,})/g;
// Go names the part of a URL it could not read: of an unquoted password, its beginning.
const BAD_PORT = /(invalid port ")[^"\n]*/g;

// One mask can bring two others together; the rounds are bounded, so that hostile text costs no more than this.
const ROUNDS = 8;

/**
 * Replaces credentials in a text by `***`: passwords in URLs and connection strings, values after names such as
 * `AWS_SECRET_ACCESS_KEY`, authorization headers, signed URL parameters, private keys (also cut ones), access key ids.
 *
 * Lines stay lines, words stay readable, masking twice changes nothing more, and the time is linear in the length.
 */
export function maskSecrets(text: string): string {
  let before = text;
  let masked = maskOnce(text);
  for (let round = 1; masked !== before && round < ROUNDS; round++) {
    before = masked;
    masked = maskOnce(masked);
  }
  return masked;
}

function maskOnce(text: string): string {
  return maskNamedValues(maskUrlPasswords(maskPrivateKeys(text)))
    .replace(BAD_PORT, "$1***")
    .replace(BEARER, "$1 ***")
    .replace(WEB_TOKEN, "***")
    .replace(KEY_ID, "$1***");
}
