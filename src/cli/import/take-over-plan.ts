import { applierOf } from './appliers.ts'
import type { Imported } from './import-namespace.ts'
import type { ImportedService } from './imported-service.ts'
import type { NamespaceObjects } from './namespace-objects.ts'
import { wayBack } from './way-back.ts'

/** One step of a take-over: what it does for users and owners, and what to type. */
export interface PlanStep {
  readonly what: string
  readonly commands: readonly string[]
}

export interface PlanPlace {
  readonly objects: NamespaceObjects
  readonly environment: string
  readonly context: string | undefined
}

/**
 * The pods of today stay what they are, and serve until a release of Sluice's own, verified beside them, has their users.
 * Whoever leads to the Service by its name follows its selector: nothing has to be changed in front of it.
 */
export function takeOverPlan(
  { services, secrets, notExpressed }: Imported,
  place: PlanPlace,
): readonly PlanStep[] {
  const blocking = notExpressed.filter(({ blocks }) => blocks === true)
  return [
    ...(blocking.length === 0 ? [] : [settle(blocking.length)]),
    ...appliers(place),
    {
      what: 'Read the blueprint, decide where a comment asks you to, and leave out services that are not to be taken over.',
      commands: ['sluice check'],
    },
    ...(secrets.length === 0 ? [] : [secretStep(secrets, place)]),
    {
      what: 'Let Sluice set what belongs to others today (the Service’s selector, the rules of an Ingress of the same name): no value changes, and users notice nothing.',
      commands: [sluice(place, '--take-over')],
    },
    {
      what: 'Release what runs today. Sluice brings it up beside the pods of today, verifies it, and moves the users at once: the selector of each Service changes. No pod of today is touched, and open connections stay with them.',
      commands: ['sluice up', 'sluice release create', `sluice promote latest ${place.environment} --wait`],
    },
    {
      what: 'The way back, at any time until the Deployments of before are scaled down; the users are with them at once.',
      commands: wayBack(services, place).map(words => `${kubectl(place)} ${words.map(word).join(' ')}`),
    },
    {
      what: 'When you are content, and clients had time to close their old connections: scale the Deployments of before down to 0. It is refused while anybody is led to them.',
      commands: [sluice(place, '--finish')],
    },
    {
      what: 'Then, and not before, let the namespace’s own rules hold: they deny what the blueprint does not allow, and pods that are not locked down.',
      commands: [
        'sluice render --only kubernetes',
        `${kubectl(place)} apply -f kubernetes/${place.environment}`,
      ],
    },
    ...leftovers(services, place),
  ]
}

const settle = (count: number): PlanStep => ({
  what: `Settle the ${count === 1 ? 'point' : `${count} points`} above that would reach users, and import again.`,
  commands: [],
})

/** Quoted where a shell would take it for more than one word. */
const word = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`

const kubectl = ({ context, objects }: PlanPlace): string =>
  `kubectl${context === undefined ? '' : ` --context ${word(context)}`} -n ${objects.namespace}`

const sluice = ({ context, objects, environment }: PlanPlace, flag: string): string =>
  `sluice import kubernetes${context === undefined ? '' : ` --context ${word(context)}`} --namespace ${objects.namespace} --environment ${environment} ${flag}`

/** Whoever applies these objects again takes the users back to pods that may be gone. */
function appliers({ objects }: PlanPlace): readonly PlanStep[] {
  const all = [
    ...objects.services.map(({ metadata }) => ({ object: `service/${metadata.name}`, metadata })),
    ...objects.ingresses.map(({ metadata }) => ({ object: `ingress/${metadata.name}`, metadata })),
    ...objects.routes.map(({ metadata }) => ({ object: `httproute/${metadata.name}`, metadata })),
    ...objects.autoscalers.map(({ metadata }) => ({ object: `hpa/${metadata.name}`, metadata })),
    ...objects.budgets.map(({ metadata }) => ({ object: `pdb/${metadata.name}`, metadata })),
    ...objects.deployments.map(({ metadata }) => ({ object: `deployment/${metadata.name}`, metadata })),
  ]
  const found = all.flatMap(({ object, metadata }) => {
    const applier = applierOf(metadata)
    return applier === undefined ? [] : [{ object, applier }]
  })
  return [...Map.groupBy(found, ({ applier }) => applier)].map(([applier, owned]) => {
    const list = owned.map(({ object }) => object)
    const keep = `kubectl -n ${objects.namespace} annotate ${list.join(' ')} helm.sh/resource-policy=keep`
    return {
      what: `${applier} sets ${list.join(', ')}: take them out of what it applies, and let it leave them in the cluster. Else it would take the users back to pods that are gone.`,
      commands: applier.startsWith('Helm') ? [keep] : [],
    }
  })
}

function secretStep(secrets: Imported['secrets'], place: PlanPlace): PlanStep {
  return {
    what: 'Give Sluice the values of the secrets, once its server runs (sluice up); none is shown.',
    commands: secrets.map(({ name, place: from }) => {
      const set = `sluice secret set ${place.environment} ${name}`
      if (from === undefined) return set
      const template = `{{index .data "${from.key}" | base64decode}}`
      return `${kubectl(place)} get secret ${from.from} -o go-template=${word(template)} | ${set}`
    }),
  }
}

/** What Sluice makes anew under its own name, and what only the Deployments of before needed. */
function leftovers(services: readonly ImportedService[], place: PlanPlace): readonly PlanStep[] {
  const { ingresses, routes, autoscalers, budgets } = place.objects
  const names = new Set(services.map(({ name }) => name))
  const old = (kind: string, all: readonly { readonly metadata: { readonly name: string } }[]) =>
    all.filter(({ metadata }) => !names.has(metadata.name)).map(({ metadata }) => `${kind}/${metadata.name}`)
  const list = [
    ...services.map(({ deployment }) => `deployment/${deployment.metadata.name}`),
    ...old('ingress', ingresses),
    ...old('httproute', routes),
    ...old('hpa', autoscalers),
    ...old('pdb', budgets),
  ]
  if (list.length === 0) return []
  return [
    {
      what: 'At last remove what nothing needs any more, one by one: Sluice has objects of its own for it. Keep a way in whose rules were told above as not expressed.',
      commands: list.map(object => `${kubectl(place)} delete ${object}`),
    },
  ]
}
