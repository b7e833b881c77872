// The page's one Trusted Types policy. The SDK reads XML answers with DOMParser, which runs nothing; whatever else would turn text
// into markup or script is refused. Imported before everything else.
interface PolicyRules {
  createHTML: (text: string, type: string, sink: string) => string | null;
}

const factory = (globalThis as { trustedTypes?: { createPolicy: (name: string, rules: PolicyRules) => unknown } }).trustedTypes;
factory?.createPolicy("default", {
  createHTML: (text, _type, sink) => (sink === "DOMParser parseFromString" ? text : null),
});

export {};
