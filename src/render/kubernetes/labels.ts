import type { Color } from '../../model/color.ts'
import { environmentName, fitName, type ServiceNames } from '../names.ts'
import { NAME_LENGTH } from './kubernetes-object.ts'

type Texts = Readonly<Record<string, string>>

export const COLOR_LABEL = 'sluice.dev/color'
export const ENVIRONMENT_LABEL = 'sluice.dev/environment'
const NAME_LABEL = 'app.kubernetes.io/name'

/** Every object of an environment has these: whoever looks at it sees whose it is, and Sluice removes nothing without them. */
export function environmentLabels({ project, environment }: Omit<ServiceNames, 'service'>): Texts {
  return {
    'app.kubernetes.io/instance': fitName(environmentName(project, environment), NAME_LENGTH),
    'app.kubernetes.io/part-of': project,
    'app.kubernetes.io/managed-by': 'sluice',
    [ENVIRONMENT_LABEL]: environment,
  }
}

/** Every object of a service has these; `written` are the blueprint's own, which replace none of Sluice's. */
export function serviceLabels(names: ServiceNames, written: Texts): Texts {
  const fitting = Object.entries(written).filter(isLabel)
  return {
    ...Object.fromEntries(fitting),
    [NAME_LABEL]: names.service,
    ...environmentLabels(names),
  }
}

/** The blueprint's labels that Kubernetes takes for none, as one annotation: they are not lost. */
export function labelAnnotations(written: Texts): Texts | undefined {
  const others = Object.entries(written).filter(entry => !isLabel(entry))
  return others.length === 0 ? undefined : { 'sluice.dev/labels': JSON.stringify(Object.fromEntries(others)) }
}

/** What finds the pods of a service, or of one color of it. */
export function selectorOf(service: string, color?: Color): Texts {
  return { [NAME_LABEL]: service, ...(color === undefined ? {} : { [COLOR_LABEL]: color }) }
}

const KEY =
  /^(?:(?=[^/]{1,253}\/)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*\/)?[A-Za-z0-9](?:[-\w.]{0,61}[A-Za-z0-9])?$/
const VALUE = /^(?:[A-Za-z0-9](?:[-\w.]{0,61}[A-Za-z0-9])?)?$/

function isLabel([key, value]: readonly [string, string]): boolean {
  return KEY.test(key) && VALUE.test(value)
}
