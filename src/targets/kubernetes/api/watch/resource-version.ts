/** Versions of one kind grow, as decimal numbers of any length (Kubernetes, "Resource versions": comparable). */
export function isAtLeast(version: string, other: string): boolean {
  return version.length === other.length ? version >= other : version.length > other.length
}
