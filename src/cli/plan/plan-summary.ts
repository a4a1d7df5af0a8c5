import { type AttributeChange, attributeChanges } from './attribute-changes.ts'
import { dataLoss } from './data-loss.ts'
import type { ResourceChange, TerraformPlan } from './plan-json.ts'

export const ACTIONS = ['create', 'change', 'replace', 'destroy', 'forget', 'import'] as const

/** `forget`: Terraform looks after it no more, and it stays. */
export type PlanAction = (typeof ACTIONS)[number]

export interface PlannedResource {
  readonly address: string
  readonly type: string
  readonly action: PlanAction
  /** Why it is replaced or destroyed, as far as Terraform says. */
  readonly reason?: string
  readonly attributes: readonly AttributeChange[]
  /** What would be lost. */
  readonly loss?: string
  /** Somebody said that the loss is meant. */
  readonly accepted?: true
}

export interface PlanSummary {
  /** Sorted by address. */
  readonly resources: readonly PlannedResource[]
  /** Addresses of what somebody changed without Terraform since the last time. */
  readonly changedOutside: readonly string[]
  /** Resources whose loss nobody accepted: a sign to stop. */
  readonly stop: readonly PlannedResource[]
}

/** What the plan would do, without any value that is secret. `accepted` are addresses whose loss is meant. */
export function summarizePlan(plan: TerraformPlan, accepted: readonly string[] = []): PlanSummary {
  const resources = plan.resource_changes
    .flatMap(resource => {
      const action = actionOf(resource)
      return action === undefined ? [] : [plannedResource(resource, { action, accepted })]
    })
    .toSorted((a, b) => (a.address < b.address ? -1 : 1))
  return {
    resources,
    changedOutside: plan.resource_drift.filter(isDrift).map(({ address }) => address),
    stop: resources.filter(({ loss, accepted: meant }) => loss !== undefined && meant === undefined),
  }
}

function plannedResource(
  resource: ResourceChange,
  { action, accepted }: { readonly action: PlanAction; readonly accepted: readonly string[] },
): PlannedResource {
  const reason = REASONS[resource.action_reason ?? '']
  const loss = dataLoss(resource, action)
  return {
    address: resource.address,
    type: resource.type,
    action,
    ...(reason === undefined ? {} : { reason }),
    attributes: action === 'change' || action === 'replace' ? attributeChanges(resource) : [],
    ...(loss === undefined ? {} : { loss }),
    ...(loss !== undefined && accepted.includes(resource.address) ? { accepted: true } : {}),
  }
}

/** Undefined where nothing is done: what is only read, or stays. Fails for an action that is not known. */
function actionOf({ address, mode, change }: ResourceChange): PlanAction | undefined {
  if (mode !== 'managed') return undefined
  const actions = change.actions.join(' ')
  switch (actions) {
    case 'no-op':
    case 'read':
      return change.importing === undefined || change.importing === null ? undefined : 'import'
    case 'create':
      return 'create'
    case 'update':
      return 'change'
    case 'delete':
      return 'destroy'
    case 'delete create':
    case 'create delete':
      return 'replace'
    case 'forget':
    case 'create forget':
      return 'forget'
    default:
      throw new Error(`${address}: the action ${actions} of Terraform is not known`)
  }
}

/** What a provider only learnt in the meantime is told as drift as well, without any difference. */
function isDrift({ change }: ResourceChange): boolean {
  return change.actions.some(action => action !== 'no-op' && action !== 'read')
}

/** Terraform, "JSON Output Format", `action_reason`. */
const REASONS: Readonly<Partial<Record<string, string>>> = {
  replace_because_tainted: 'its creation failed before',
  replace_by_request: 'somebody asked for it',
  replace_by_triggers: 'what it depends on changes',
  replace_because_cannot_update: 'it cannot be changed in place',
  delete_because_no_resource_config: 'it is no longer in the configuration',
  delete_because_no_module: 'its module is no longer in the configuration',
  delete_because_wrong_repetition: 'it is counted in another way now',
  delete_because_count_index: 'there are fewer of it now',
  delete_because_each_key: 'its key is no longer in the configuration',
  delete_because_no_move_target: 'what it was moved to is not in the configuration',
}
