/**
 * Whether anything of a text can be seen: the one rule for names, so that what the API takes a
 * letter, a ticket and a list can show. Punctuation is enough ("!!!" is a band); joiners, marks
 * that need a letter before them, fillers and blanks are not.
 */
const ink = /(?![\p{Default_Ignorable_Code_Point}\u2800])[\p{L}\p{N}\p{P}\p{S}]/u

export function isReadable(text: string): boolean {
  return ink.test(text)
}
