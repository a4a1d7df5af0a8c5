/** What moto 5.2.1 forgets of a resource that it holds, or adds to it, so that a second plan wants to set it again. */
interface Forgotten {
  readonly type: string
  readonly attributes: readonly string[]
}

export const FORGOTTEN: readonly Forgotten[] = [
  {
    type: 'aws_autoscaling_group',
    attributes: ['capacity_reservation_specification', 'default_instance_warmup'],
  },
  {
    type: 'aws_db_instance',
    attributes: [
      'monitoring_interval',
      'monitoring_role_arn',
      'performance_insights_enabled',
      'performance_insights_kms_key_id',
      'performance_insights_retention_period',
    ],
  },
  { type: 'aws_db_parameter_group', attributes: ['parameter'] },
  {
    type: 'aws_ecs_service',
    attributes: [
      'availability_zone_rebalancing',
      'capacity_provider_strategy',
      'deployment_controller',
      'enable_ecs_managed_tags',
      'health_check_grace_period_seconds',
    ],
  },
  // moto puts the tags of the template itself among those of what it starts.
  { type: 'aws_launch_template', attributes: ['tag_specifications'] },
  { type: 'aws_vpc_security_group_egress_rule', attributes: ['description'] },
  { type: 'aws_vpc_security_group_ingress_rule', attributes: ['description'] },
]

/** The part of `terraform show -json PLAN` that is read here. */
export interface PlanJson {
  readonly resource_changes?: readonly {
    readonly address: string
    readonly type: string
    readonly change: {
      readonly actions: readonly string[]
      readonly before: Readonly<Record<string, unknown>> | null
      readonly after: Readonly<Record<string, unknown>> | null
      readonly after_unknown: Readonly<Record<string, unknown>>
    }
  }[]
}

/** What a second plan would change, in lines; what moto forgets is left out. */
export function unexpected({ resource_changes: changes = [] }: PlanJson): readonly string[] {
  return changes
    .filter(({ change }) => !change.actions.every(action => action === 'no-op' || action === 'read'))
    .flatMap(({ address, type, change }) => {
      if (change.before === null || change.after === null) return [`${address}: ${change.actions.join(', ')}`]
      const forgotten = new Set(FORGOTTEN.find(each => each.type === type)?.attributes ?? [])
      const names = changedNames(change).filter(name => !forgotten.has(name))
      return names.length === 0 ? [] : [`${address}: ${names.join(', ')}`]
    })
}

type Change = NonNullable<PlanJson['resource_changes']>[number]['change']

function changedNames({ before, after, after_unknown: unknown }: Change): string[] {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])
  // What is not known yet follows from something else that changes.
  return [...names].filter(
    name => unknown[name] !== true && JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]),
  )
}
