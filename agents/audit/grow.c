#include "agents/audit/grow.h"

#include <string.h>

#include "proto/tlog.h"

unsigned
grow_add(struct grow *grow, const uint8_t leaf[DIGEST_SIZE],
    uint8_t (*done)[DIGEST_SIZE])
{
	uint8_t node[DIGEST_SIZE];
	unsigned h, levels = 0;

	memcpy(node, leaf, DIGEST_SIZE);
	for (h = 0;; h++) {
		if (h % TREE_TILE_HEIGHT == 0 &&
		    h / TREE_TILE_HEIGHT < TREE_LEVELS) {
			if (done != NULL)
				memcpy(done[levels], node, DIGEST_SIZE);
			levels++;
		}
		if ((grow->size >> h & 1) == 0)
			break;
		digest_node(node, grow->edge[h], node);
	}
	memcpy(grow->edge[h], node, DIGEST_SIZE);
	grow->size++;
	return levels;
}

void
grow_root(const struct grow *grow, uint8_t root[DIGEST_SIZE])
{
	bool first = true;

	tlog_empty_root(root);
	for (unsigned h = 0; h < 64; h++) {
		if ((grow->size >> h & 1) == 0)
			continue;
		if (first)
			memcpy(root, grow->edge[h], DIGEST_SIZE);
		else
			digest_node(root, grow->edge[h], root);
		first = false;
	}
}
