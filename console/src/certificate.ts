// When certificates of SAML metadata are good: just enough of DER (X.690) to find the two times of X.509 (RFC 5280 4.1). Nothing is
// decided by it: whether an assertion is believed the server says.

interface Element {
  tag: number;
  start: number; // of the content
  end: number;
}

function element(bytes: Uint8Array, at: number): Element {
  const tag = bytes[at] ?? 0;
  let length = bytes[at + 1] ?? 0;
  let start = at + 2;
  if (length & 0x80) {
    const count = length & 0x7f;
    length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + (bytes[start++] ?? 0);
  }
  return { tag, start, end: start + length };
}

function children(bytes: Uint8Array, parent: Element): Element[] {
  const found: Element[] = [];
  for (let at = parent.start; at < parent.end && found.length < 100; at = found[found.length - 1]!.end) found.push(element(bytes, at));
  return found;
}

const SEQUENCE = 0x30;
const VERSION = 0xa0;
const UTC_TIME = 0x17;

// "261130120000Z" or "20261130120000Z".
function time(bytes: Uint8Array, { tag, start, end }: Element): Date {
  const text = new TextDecoder().decode(bytes.slice(start, end));
  const full = tag === UTC_TIME ? `${Number(text.slice(0, 2)) >= 50 ? "19" : "20"}${text}` : text;
  return new Date(full.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
}

// The end of a certificate in base64; nothing if it cannot be read.
function expiry(base64: string): Date | undefined {
  try {
    const bytes = Uint8Array.from(atob(base64.replace(/\s+/g, "")), (letter) => letter.charCodeAt(0));
    const [body] = children(bytes, element(bytes, 0));
    if (!body) return undefined;
    const parts = children(bytes, body).filter(({ tag }) => tag !== VERSION);
    const validity = parts[3]; // after serial number, signature and issuer
    if (validity?.tag !== SEQUENCE) return undefined;
    const [, until] = children(bytes, validity);
    const date = until && time(bytes, until);
    return date && !Number.isNaN(date.getTime()) ? date : undefined;
  } catch {
    return undefined;
  }
}

// Of each signing certificate in metadata, in the order of the document.
export function certificateExpiries(metadata: string): Date[] {
  const xml = new DOMParser().parseFromString(metadata, "application/xml");
  const found = [...xml.getElementsByTagNameNS("http://www.w3.org/2000/09/xmldsig#", "X509Certificate")];
  return found.map(({ textContent }) => expiry(textContent ?? "")).filter((date) => date !== undefined);
}
