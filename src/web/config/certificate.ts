import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFailure, type ReadText } from "../../base/host.ts";
import type { Tls } from "../server.ts";
import type { PemSource, WebConfig } from "./web_config.ts";

/**
 * Reads and checks the certificate and key that a web config names. Throws an Error whose message is one line that names
 * the key, the file and the fix; it quotes nothing of what they hold.
 */
export async function loadKeyPair(tls: NonNullable<WebConfig["tls"]>, readText: ReadText): Promise<Tls> {
  const cert = await readPem(tls.cert, "cert", readText);
  const key = await readPem(tls.key, "key", readText);
  const certName = nameOf(tls.cert, "cert");
  const keyName = nameOf(tls.key, "key");
  const certificate = attempt(() => new X509Certificate(cert), certName, "certificate");
  if (/-----BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/.test(key)) {
    throw new Error(`Cannot use ${keyName}: it is encrypted; decrypt it with 'openssl pkey -in FILE -out FILE'`);
  }
  const privateKey = attempt(() => createPrivateKey(key), keyName, "unencrypted private key");
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new Error(
      `Cannot use ${keyName}: it is not the key of ${certName}; the server's own certificate comes first`,
    );
  }
  return { cert, key };
}

async function readPem(source: PemSource, kind: "cert" | "key", readText: ReadText): Promise<string> {
  if ("text" in source) return source.text;
  try {
    return await readText(source.file);
  } catch (error) {
    throw new Error(`Cannot read ${nameOf(source, kind)}: ${readFailure(error)}`, { cause: error });
  }
}

function nameOf(source: PemSource, kind: "cert" | "key"): string {
  return `tls_server_config.${kind}` + ("file" in source ? `_file '${source.file}'` : "");
}

function attempt<T>(make: () => T, name: string, content: string): T {
  try {
    return make();
  } catch {
    throw new Error(`Cannot use ${name}: it holds no ${content} in PEM form`);
  }
}
