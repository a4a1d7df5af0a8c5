/** Where a secret is kept in the cluster today. */
export interface SecretPlace {
  readonly from: string
  readonly key: string
}

/** Names of secrets in the blueprint: one for each key of a Secret, whoever uses it. */
export interface SecretNames {
  nameOf(secret: SecretPlace & { readonly wanted: string }): string
  /** Of a secret that stands in the open today; the same name is the same secret. */
  literal(wanted: string): string
  /** In the order in which they were met; without a place where none is known. */
  all(): readonly { readonly name: string; readonly place: SecretPlace | undefined }[]
}

/** Secrets of one environment share their names: two that are told apart today must not become one. */
export function secretNames(): SecretNames {
  const byPlace = new Map<string, string>()
  const taken = new Map<string, SecretPlace | undefined>()
  const free = (wanted: string, more: string): string => {
    const candidates = [wanted, `${more}.${wanted}`].map(fitting)
    const found = candidates.find(name => !taken.has(name))
    return found ?? fitting(`${wanted}-${taken.size + 1}`)
  }
  return {
    nameOf({ from, key, wanted }) {
      const place = `${from}/${key}`
      const known = byPlace.get(place)
      if (known !== undefined) return known
      const name = free(wanted, from)
      byPlace.set(place, name)
      taken.set(name, { from, key })
      return name
    },
    literal(wanted) {
      const name = free(wanted, 'open')
      taken.set(name, undefined)
      return name
    },
    all: () => [...taken].map(([name, place]) => ({ name, place })),
  }
}

/** The blueprint takes a letter first, then letters, digits and `_ . -`, 63 in all. */
function fitting(text: string): string {
  const plain = text.replaceAll(/[^A-Za-z0-9_.-]/g, '-').slice(0, 63)
  return /^[A-Za-z]/.test(plain) ? plain : `s${plain}`.slice(0, 63)
}
