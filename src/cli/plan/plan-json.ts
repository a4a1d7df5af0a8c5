import { z } from 'zod'

/** Terraform, "JSON Output Format": what of a plan is read here. OpenTofu writes the same. */

const changeSchema = z.object({
  actions: z.array(z.string()),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
  after_unknown: z.unknown().optional(),
  before_sensitive: z.unknown().optional(),
  after_sensitive: z.unknown().optional(),
  replace_paths: z.array(z.array(z.union([z.string(), z.number()]))).optional(),
  importing: z.unknown().optional(),
})

const resourceSchema = z.object({
  address: z.string(),
  previous_address: z.string().optional(),
  mode: z.string(),
  type: z.string(),
  action_reason: z.string().optional(),
  change: changeSchema,
})

const planSchema = z.object({
  format_version: z.string().regex(/^1\./),
  resource_changes: z.array(resourceSchema).default([]),
  resource_drift: z.array(resourceSchema).default([]),
})

export type ResourceChange = z.output<typeof resourceSchema>
export type TerraformPlan = z.output<typeof planSchema>

/** Undefined for a plan of a format that is not known. */
export function parsePlan(text: string): TerraformPlan | undefined {
  const parsed = planSchema.safeParse(JSON.parse(text))
  return parsed.success ? parsed.data : undefined
}
