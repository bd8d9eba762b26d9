import { stopShared } from './shared-servers';

export default stopShared;
