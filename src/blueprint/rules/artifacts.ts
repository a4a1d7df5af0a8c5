import type { Finding, Rule } from './rule.ts'

const USUAL_NAMES = ['dev', 'development', 'stage', 'staging', 'prod', 'production']

/** There is something to release and somewhere to release it, and neither is without bounds. */
export const notEmpty: Rule = ({ names }) =>
  (['services', 'environments'] as const).flatMap(section => {
    const count = names[section].length
    if (count === 0) {
      return [
        {
          path: [section],
          what: 'is empty',
          remedy: `add one, such as ${section === 'services' ? 'web' : 'dev'}`,
        },
      ]
    }
    if (count <= MOST[section]) return []
    const what = `names ${count}; at most ${MOST[section]} are released together`
    return [{ path: [section], what, remedy: 'divide the project into several blueprints' }]
  })

/** A release moves as one: beyond this it is no longer something that people follow. */
const MOST = { services: 5000, environments: 50 } as const

/** Each service has one artifact, and its name does not say where it runs. */
export const artifacts: Rule = ({ blueprint, names }) =>
  Object.entries(blueprint.services).flatMap(([service, { image, build }]): Finding[] => {
    const path = ['services', service]
    if (image === undefined && build === undefined) {
      const remedy = 'add `build: ./folder`, or `image: registry/name:tag` for an image that exists'
      return [{ path, what: 'has neither build nor image', remedy }]
    }
    if (image === undefined) return []
    if (build !== undefined) {
      return [{ path: [...path, 'image'], what: 'stands beside build', remedy: 'keep one of the two' }]
    }
    return imageProblems(image, names.environments).map(problem => ({ path: [...path, 'image'], ...problem }))
  })

function imageProblems(image: string, environments: readonly string[]): Omit<Finding, 'path'>[] {
  const [reference = '', digest] = image.split('@')
  if (digest !== undefined && !/^sha256:[0-9a-f]{64}$/.test(digest)) {
    return [{ what: `${digest} is no digest`, remedy: 'write sha256: and 64 hexadecimal digits' }]
  }
  const tag = /:([^/:]+)$/.exec(reference)?.[1]
  const environment = tag === undefined ? undefined : environmentIn(tag.toLowerCase(), environments)
  if (environment === undefined) return digest === undefined ? moving(tag) : []
  return [
    {
      what: `the tag ${tag} names an environment (${environment})`,
      remedy: 'tag by version or commit: the same image goes through every environment',
    },
  ]
}

function environmentIn(tag: string, environments: readonly string[]): string | undefined {
  const named = environments.find(
    name => tag === name || tag.startsWith(`${name}-`) || tag.endsWith(`-${name}`),
  )
  return named ?? USUAL_NAMES.find(name => tag === name)
}

function moving(tag: string | undefined): Omit<Finding, 'path'>[] {
  if (tag !== undefined && tag !== 'latest') return []
  const remedy = 'name a version or a digest, so that people can see what a release will hold'
  return [{ severity: 'warning', what: tag === undefined ? 'has no tag' : 'latest may be anything', remedy }]
}
