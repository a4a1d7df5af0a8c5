/**
 * Whose connection it is, for counting: an IPv4 address, or the first 64 bits of an IPv6 one, since whoever has one
 * of those has all 2⁶⁴ of the network (RFC 6177).
 */
export function clientNetwork(address: string): string {
  const text = address.toLowerCase()
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(text)?.[1]
  if (mapped !== undefined) return mapped
  if (!text.includes(':')) return text
  const [head = '', tail] = (text.split('%', 1)[0] ?? '').split('::')
  const groups = (part: string) => (part === '' ? [] : part.split(':'))
  const [front, back] = [groups(head), groups(tail ?? '')]
  const zeros = Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => '0')
  const all = tail === undefined ? front : [...front, ...zeros, ...back]
  return `${all.slice(0, 4).join(':')}::/64`
}
