import { memoryAudit } from '../../lib';
import { auditContract } from '../contracts/audit.contract';

auditContract('memoryAudit', async () => ({ audit: memoryAudit(), close: async () => undefined }));
