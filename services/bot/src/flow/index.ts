export { checkFlow } from './checking.ts'
export { type Problem, formatProblem } from './problem.ts'
