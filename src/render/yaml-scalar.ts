/** Most texts: names, paths, images, addresses. Of these, only some words need quotes. */
const SIMPLE = /^[A-Za-z_/][\w./-]*(?:[:@][\w./-]+)*$/

/** What some reader takes for true, false, nothing or a number (with nothing before its exponent). */
const WORD = /^(?:y|n|yes|no|on|off|true|false|null|[-+]?e[-+]?\d+)$/i
const LONGEST_WORD = 5
const EXPONENT_START: ReadonlySet<string> = new Set(['e', 'E', '+', '-'])

/** Numbers of every notation, sexagesimal ones, dates and times; and texts that are near them, which quotes do not harm. */
const NUMBER = /^[-+]?(?:\.?\d[-+\da-fotxz_.: ]*|\.(?:inf|nan)|\.[\d_.e+-]*)$/i

/** Whatever begins another way begins something other than text, or the end of a document. */
const PLAIN_START = /^(?:[^\s\-?:,[\]{}#&*!|>'"%@`=~<.]|--?[a-z]|\.(?!\.\.))/i
const PLAIN_END = /:(?:\s|$)|\s#|\s$|[\t\n]/

/**
 * All but what is printable: line breaks of YAML 1.1 (NEL, LS, PS) and the byte order mark are not, and neither are halves
 * of characters.
 */
const UNPRINTABLE = /[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u
const EVERY_UNPRINTABLE = new RegExp(UNPRINTABLE, 'gu')

/** A text on one line, with quotes only where a reader of YAML 1.1 or 1.2 needs them. */
export function yamlScalar(text: string): string {
  if (SIMPLE.test(text)) return isWord(text) ? `"${text}"` : text
  const printable = !UNPRINTABLE.test(text)
  if (printable && PLAIN_START.test(text) && !PLAIN_END.test(text) && !NUMBER.test(text) && !isWord(text))
    return text
  if (!printable || /[\\\t\n]/.test(text)) return escaped(text)
  return text.includes('"') ? `'${text.replaceAll("'", "''")}'` : `"${text}"`
}

/** The length is asked first: nearly every text is longer than any word, and begins with none of the signs of a number. */
function isWord(text: string): boolean {
  return (text.length <= LONGEST_WORD || EXPONENT_START.has(text.charAt(0))) && WORD.test(text)
}

/** Lines that a literal block keeps as they are: none ends in a blank, the first begins with none, the last has text. */
export function fitsLiteral(text: string): boolean {
  return text.includes('\n') && !/^\s|[^\S\n](?:\n|$)|\n\n$/.test(text) && !UNPRINTABLE.test(text)
}

function escaped(text: string): string {
  return JSON.stringify(text).replace(
    EVERY_UNPRINTABLE,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
