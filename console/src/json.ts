// A document as the API answers it (percent-encoded) or as it was written, laid out for people.
export function readable(document: string | undefined): string {
  const text = document ?? "";
  const plain = text.trimStart().startsWith("%7B") ? decodeURIComponent(text) : text;
  return formatted(plain) ?? plain;
}

export function formatted(text: string): string | undefined {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return undefined;
  }
}

// Whether it is JSON is seen here; whether it is a policy the server says.
export function jsonProblem(text: string): string | undefined {
  if (!text.trim()) return undefined;
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
