import { isWritten } from '../layer-service.ts'
import type { ScalingSettings } from '../service-settings.ts'
import { eachService, type Finding, type Rule, type ServiceInEnvironment } from './rule.ts'

/** An instance may take at least what it asks for. */
export const limitsAboveRequests: Rule = subject =>
  eachService(subject, ({ settings }, { at }) =>
    (['cpu', 'memory'] as const).flatMap(field => {
      const [limit, request] = [settings.limits[field], settings[field]]
      if (limit >= request) return []
      const what = `${limit} is below ${field} ${request}`
      return [{ path: at(`limits.${field}`), what, remedy: `raise it, or lower ${field}` }]
    }),
  )

/** Limits are in order, and the number to begin with lies between them. */
export const scaling: Rule = subject =>
  eachService(subject, ({ settings, origins }, place) => {
    if (settings.scaling === false) return []
    const { min, max } = settings.scaling
    const outside =
      isWritten(origins, 'replicas') && min <= max && (settings.replicas < min || settings.replicas > max)
    const written = isWritten(origins, 'scaling.min') ? 'scaling.min' : 'scaling.max'
    return [
      ...limits({ min, max }).map(problem => ({ path: place.at(written), ...problem })),
      ...(outside
        ? [
            {
              path: place.at('replicas'),
              what: `${settings.replicas} is outside of scaling, ${min} to ${max}`,
              remedy: 'choose a number between them, or leave replicas out',
            },
          ]
        : []),
      ...withoutTarget(settings.scaling, place),
      ...schedules(settings.scaling, place),
    ]
  })

function limits({ min, max }: { readonly min: number; readonly max: number }): Omit<Finding, 'path'>[] {
  if (max < 1) return [{ what: 'max 0 never runs anything', remedy: 'raise max' }]
  return min > max ? [{ what: `${min} is above max ${max}`, remedy: 'raise max or lower min' }] : []
}

function withoutTarget(settings: ScalingSettings, { at }: ServiceInEnvironment): Finding[] {
  const targets = [settings.cpu, settings.memory, settings.requestsPerTarget]
  if (targets.some(target => target !== false) || Object.keys(settings.schedules).length > 0) return []
  const remedy = 'set cpu, memory or requestsPerTarget, add a schedule, or write `scaling: false`'
  return [{ path: at('scaling.cpu'), what: 'scales by nothing', remedy }]
}

function schedules(settings: ScalingSettings, { at }: ServiceInEnvironment): Finding[] {
  return Object.entries(settings.schedules).flatMap(([name, schedule]) =>
    limits(schedule).map(problem => ({ path: at(fieldOf(name, 'min')), ...problem })),
  )
}

function fieldOf(schedule: string, field: string): string {
  const key = /^[a-z_]/.test(schedule) ? `.${schedule}` : `["${schedule}"]`
  return `scaling.schedules${key}.${field}`
}
