import { artifacts, notEmpty } from './artifacts.ts'
import { aws } from './aws.ts'
import { awsNames } from './aws-names.ts'
import { awsServices } from './aws-services.ts'
import { configuration } from './configuration.ts'
import { fargate } from './fargate.ts'
import { gates } from './gates.ts'
import { kubernetes } from './kubernetes.ts'
import { measuring } from './measuring.ts'
import { network } from './network.ts'
import { listedOnce, order } from './order.ts'
import { organization } from './organization.ts'
import { references } from './references.ts'
import { rollout } from './rollout.ts'
import type { Rule } from './rule.ts'
import { limitsAboveRequests, scaling } from './scaling.ts'
import { targets } from './targets.ts'

/** Everything that only several fields together can get wrong. */
export const ALL_RULES: readonly Rule[] = [
  notEmpty,
  artifacts,
  references,
  order,
  listedOnce,
  scaling,
  limitsAboveRequests,
  fargate,
  network,
  rollout,
  configuration,
  gates,
  organization,
  targets,
  kubernetes,
  measuring,
  aws,
  awsNames,
  awsServices,
]
