export { type FlowSource, checkFlow, twinsIn } from './checking.ts'
export { type Problem, formatProblem } from './problem.ts'
