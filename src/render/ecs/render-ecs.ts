import type { Renderer } from '../rendered-file.ts'

export const renderEcs: Renderer = () => []
