/** An IPv4 network; addresses as whole numbers. */
export interface Cidr {
  readonly first: number
  readonly last: number
  readonly prefix: number
}

/** Undefined for text that is no network: a wrong form, a number out of range, or bits set behind the prefix. */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text)
  if (match === null) return undefined
  const [a = 0, b = 0, c = 0, d = 0, prefix = 0] = match.slice(1).map(Number)
  if ([a, b, c, d].some(byte => byte > 255) || prefix > 32) return undefined
  const first = ((a * 256 + b) * 256 + c) * 256 + d
  const size = 2 ** (32 - prefix)
  return first % size === 0 ? { first, last: first + size - 1, prefix } : undefined
}

export function overlaps(a: Cidr, b: Cidr): boolean {
  return a.first <= b.last && b.first <= a.last
}
