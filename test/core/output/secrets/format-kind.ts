/** Secrets by the text around them: name of the kind and its forms. `«…»` is the secret, `⟨…⟩` a random text (`fill`). */
export type FormatKind = readonly [kind: string, ...forms: string[]]
