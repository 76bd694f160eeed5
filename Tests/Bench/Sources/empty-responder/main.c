// The least that any FastCGI program does: it answers every request on descriptor 0 with the same few bytes.
#include <fcgiapp.h>
#include <pthread.h>

static void *answer(void *unused) {
    FCGX_Request request;
    FCGX_InitRequest(&request, 0, 0);
    while (FCGX_Accept_r(&request) == 0) {
        FCGX_FPrintF(request.out, "Content-Type: application/json\r\n\r\n{\"status\":\"complete\"}");
        FCGX_Finish_r(&request);
    }
    return unused;
}

int main(void) {
    pthread_t threads[64];
    FCGX_Init();
    for (int i = 0; i < 64; i++) pthread_create(&threads[i], NULL, answer, NULL);
    for (int i = 0; i < 64; i++) pthread_join(threads[i], NULL);
    return 0;
}
