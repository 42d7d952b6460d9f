/** Every sign of punctuation and every symbol of Unicode, emoji among them: what people put around what they say. */
export const SIGNS: readonly string[] = Array.from({ length: 0x20000 }, (_, codePoint) => codePoint)
  .filter((codePoint) => codePoint < 0xd800 || codePoint > 0xdfff)
  .map((codePoint) => String.fromCodePoint(codePoint))
  .filter((character) => /[\p{P}\p{S}]|[\p{Emoji}--[0-9]]/v.test(character))
