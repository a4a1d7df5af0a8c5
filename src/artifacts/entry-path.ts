/** Longest path inside a bundle, in bytes: leaves room for the folder it is unpacked into (PATH_MAX is 4096). */
export const MAX_PATH_BYTES = 1024

/** A path that means the same on every machine: relative, in plain components, without control characters. */
export function isPlainPath(path: string): boolean {
  return Buffer.byteLength(path) <= MAX_PATH_BYTES && path.split('/').every(isPlainName)
}

/** Whether a link's target is plain text; where it leads is a question for `linkProblem`. */
export function isPlainTarget(target: string): boolean {
  return target !== '' && Buffer.byteLength(target) <= MAX_PATH_BYTES && !/[\p{Cc}\\]/u.test(target)
}

/** Orders paths by their UTF-8 bytes; JavaScript's own order differs beyond U+FFFF. */
export function comparePaths(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

function isPlainName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[\p{Cc}\\]/u.test(name)
}
